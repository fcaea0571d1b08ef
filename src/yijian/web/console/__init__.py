"""管理台 console: what operators, supervisors and administrators see and do, below /console/.

Pages take the desk's door, frame and keys (`web.desk.doors`). Here stand only pages: figures come
from `records.figures`, changes go through `actions`.
"""
