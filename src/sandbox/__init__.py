"""A pretend outside world (模拟环境): registers, people, departments, inbox, payment.

It runs in its own process, keeps its own state and speaks only the public wire
formats. Nothing here knows the platform's code, and nobody in it is real.
"""
