"""The gRPC door of the chat service: proto in, one domain call, proto out."""

from daegu.chat.v1 import chat_pb2_grpc


class ChatServicer(chat_pb2_grpc.ChatServiceServicer):
    """Serves `daegu.chat.v1.ChatService`."""
