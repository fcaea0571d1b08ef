"""Template tags of the design layer (页面部件): plain values in, HTML out; no database."""
