"""A screenshot with few colours is half as large: PNG with a palette."""

import struct
import zlib
from base64 import b64decode, b64encode
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Keeps the 256 most frequent colours, and takes the nearest of these for each other one.
NUMBERED = """async (source) => {
  const image = new Image()
  image.src = `data:image/png;base64,${source}`
  await image.decode()
  const { width, height } = image
  const context = new OffscreenCanvas(width, height).getContext('2d')
  context.drawImage(image, 0, 0)
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer)
  const counts = new Map(), parts = (colour) => [colour & 255, colour >> 8 & 255, colour >> 16 & 255]
  for (const each of pixels) counts.set(each, (counts.get(each) ?? 0) + 1)
  const kept = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a) || a - b).slice(0, 256)
  const numbers = new Map(kept.map((each, number) => [each, number]))
  for (const colour of counts.keys()) {
    if (numbers.has(colour)) continue
    const far = (other) => parts(other).reduce((sum, part, at) => sum + (part - parts(colour)[at]) ** 2, 0)
    numbers.set(colour, kept.reduce((best, each, number) => far(each) < far(kept[best]) ? number : best, 0))
  }
  let text = ''
  for (const each of pixels) text += String.fromCharCode(numbers.get(each))
  return [width, height, kept.map(parts), btoa(text)]
}"""


def fewer_colours(page: Any, image: bytes) -> bytes:
    """The image as a PNG of at most 256 colours. `page`: any page of a browser, which decodes it."""
    width, height, colours, text = page.evaluate(NUMBERED, b64encode(image).decode())
    numbers = b64decode(text)
    rows = b"".join(b"\0" + numbers[at : at + width] for at in range(0, len(numbers), width))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(map(bytes, colours))),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
