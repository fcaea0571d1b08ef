"""Every part of the design layer on pages of its own, and what a browser says about them (样例集)."""
