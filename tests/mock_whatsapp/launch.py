"""Start a bridge whose engine believes the mock: python -m mock_whatsapp.launch ROOT MODULE

ROOT: the mock's root key in hexadecimal. SSL_CERT_FILE is in the environment already.
"""

from __future__ import annotations

import runpy
import sys

from mock_whatsapp import engine


def main() -> None:
    root, module = sys.argv[1:]
    engine.trust(bytes.fromhex(root))
    sys.argv[1:] = []
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
