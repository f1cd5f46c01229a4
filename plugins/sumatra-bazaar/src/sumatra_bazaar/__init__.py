"""Bazaar for Sumatra, by Breezy."""

from sumatra_bazaar.repository import BazaarRepository

__all__ = ["BazaarRepository"]
