"""归档信息包: one ended item as a package that can be checked anywhere and by anybody.

What lives here: what a package holds and how it is written, read and examined, as values and
bytes. What does not: which files a case has, where packages are kept, and who may read them.
"""
