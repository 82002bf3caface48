"""Ends with 0 if the shop beside it is ready, and says what is wrong with it otherwise. Needs nothing but Python."""

import os
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

try:
    urlopen(f"http://127.0.0.1:{os.environ.get('PORT', '5000')}/readyz", timeout=4).close()
except HTTPError as error:
    sys.exit(error.read().decode())
except OSError as error:
    sys.exit(f"nothing answers: {error}")
