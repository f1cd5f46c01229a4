"""``\\smtincludegraphics`` for LaTeX: the package ``sumatra.sty`` in this folder, and the program that it calls."""
