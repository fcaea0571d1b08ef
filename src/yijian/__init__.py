"""Yijian."""
