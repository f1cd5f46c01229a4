"""Mercurial for Sumatra."""

from sumatra_mercurial.repository import MercurialRepository

__all__ = ["MercurialRepository"]
