"""Writes the comments of messages and fields as a Python module: at run time, descriptors have lost them."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet

_MESSAGES, _FIELDS = FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, DescriptorProto.FIELD_FIELD_NUMBER


def comments(files: Sequence[FileDescriptorProto]) -> Iterator[tuple[str, str]]:
    """Yields the full name and the comment of each message and of each of its fields."""
    for file in files:
        told = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
        for number, message in enumerate(file.message_type):
            name, path = f"{file.package}.{message.name}", (_MESSAGES, number)
            yield name, told[path]
            for position, field in enumerate(message.field):
                yield f"{name}.{field.name}", told[*path, _FIELDS, position]


def main() -> None:
    """Writes the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("descriptor_set", type=Path, help="made by protoc with --include_source_info")
    parser.add_argument("out", type=Path, help="the module to write")
    asked = parser.parse_args()
    files = FileDescriptorSet.FromString(asked.descriptor_set.read_bytes()).file
    lines = [f"    {name!r}: {' '.join(comment.split())!r},\n" for name, comment in comments(files)]
    head = '"""Generated: the comments of the protos, by full name. See scripts/generate-protos."""\n\nCOMMENTS = {\n'
    asked.out.write_text("".join([head, *lines, "}\n"]))


if __name__ == "__main__":
    main()
