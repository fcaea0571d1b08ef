"""Yijian (一件): a family whose child is born applies once, and every office does its part."""
