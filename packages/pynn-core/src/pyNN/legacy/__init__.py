"""The API of PyNN 0.6 to 0.8, as it was typed: each old spelling works, with one warning that shows today's line."""
