"""Where everything meets: settings, addresses and the WSGI entry. Nothing below imports this."""
