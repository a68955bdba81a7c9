#!/usr/bin/env python3
"""Checks content against pyca/cryptography, the second implementation of Cobblestone-256.

Needs `cryptography` >= 50. Run from anywhere: python3 client/format/testdata/pyca_check.py [CONTENT-EXAMPLE]
CONTENT-EXAMPLE is the built `examples/content.rs`; without it, cargo runs it.
"""

import hashlib
import json
import pathlib
import subprocess
import sys

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor

HERE = pathlib.Path(__file__).resolve().parent
LABEL = b"aceso/content/v1"
HEADER = b"ACSO" + bytes([1, 1, 0, 0]) + bytes(8)


def padme(length: int) -> int:
    exponent = length.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << max(low_bits, 0)) - 1
    return (length + mask) & ~mask


def pad(content: bytes) -> bytes:
    total = max(4096, padme(len(content) + 8))
    return content + bytes(total - len(content) - 8) + len(content).to_bytes(8, "big")


def open_ours(fixtures: dict) -> None:
    """pyca opens, after the header, what we sealed."""
    case = next(c for c in fixtures["cases"] if c["name"] == "content")
    blob = bytes.fromhex(fixtures["objects"]["content"])
    record, key = (bytes.fromhex(case["args"][name]) for name in ("record", "key"))
    assert blob[:16] == HEADER
    decryptor = Cobblestone256Decryptor(key, LABEL + HEADER + record)
    padded = decryptor.update(blob[16:]) + decryptor.finalize()
    content = padded[: case["args"]["contentLen"]]
    assert padded == pad(content), "padding"
    assert hashlib.sha256(content).hexdigest() == case["value"]["sha256"]


def open_theirs(command: list, record: bytes, length: int) -> None:
    """We open what pyca sealed."""
    key = Cobblestone256Encryptor.generate_key()
    content = bytes((i * 13 + i // 256) % 256 for i in range(length))
    encryptor = Cobblestone256Encryptor(key, LABEL + HEADER + record)
    sealed = HEADER + encryptor.update(pad(content)) + encryptor.finalize()
    args = ["open", record.hex(), key.hex(), str(length)]
    opened = subprocess.run(command + args, input=sealed, capture_output=True, check=True).stdout
    assert opened == content, length


def main() -> None:
    cargo = ["cargo", "run", "--quiet", "--package", "aceso-format", "--example", "content", "--"]
    command = sys.argv[1:2] or cargo
    open_ours(json.loads((HERE / "fixtures.json").read_text()))
    lengths = [0, 1, 4088, 4089, 16376, 16384, 100_000, 1_000_003]
    for length in lengths:
        open_theirs(command, bytes(range(32)), length)
    print(f"pyca opens ours; ours opens pyca's at {len(lengths)} lengths")


if __name__ == "__main__":
    main()
