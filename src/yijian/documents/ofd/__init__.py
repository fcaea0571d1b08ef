"""OFD 版式文件 (GB/T 33190): written as the twin of a PDF, read without trust, sealed.

`ofd_of` writes; `parts`, `text_of` and `faults` read; `ofd_with_signature` and `signature_parts`
are the places of a seal, whose cryptography lives in `documents.seals`.
"""
