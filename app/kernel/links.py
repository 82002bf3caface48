"""Links that a shop shows: URLs that others host."""

MAX_URL_LENGTH = 2_000  # characters
BAD_URL = "An https:// URL in ASCII, without a user, blanks, quotes and backslashes."

# Only what no browser and no page could take for something else: no user, no character outside ASCII (a host may look
# like another), no blank, quote or backslash. http is for one's own machine.
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PORT = "(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"
_PATH = r"([/?#]([A-Za-z0-9._~!$&()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*)?"
URL = rf"^(https://{_LABEL}(\.{_LABEL})*|http://(localhost|127\.0\.0\.1|\[::1\])){_PORT}{_PATH}\Z"
