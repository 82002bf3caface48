"""The container's health check: exits with 0 if /readyz of this container is ready, else prints the reason.

It needs only the standard library.
"""

import os
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

try:
    urlopen(f"http://127.0.0.1:{os.environ.get('PORT', '5000')}/readyz", timeout=4).close()
except HTTPError as error:
    sys.exit(error.read().decode())
except OSError as error:
    sys.exit(f"no answer from /readyz: {error}")
