"""The gRPC door to questions, keys and models."""

from collections.abc import AsyncIterator

from daegu.chat.v1 import chat_pb2 as pb
from daegu.chat.v1 import chat_pb2_grpc

from chat_service.api_key import api_key_from, has_api_key
from chat_service.claude import AvailableModel, Claude
from chat_service.convert import event_to_proto, question_from_proto
from chat_service.errors import KeyInvalid
from chat_service.event_log import Place
from chat_service.prices import ModelFile
from chat_service.turns import Turns
from servicekit.errors import Refused
from servicekit.ids import parse_id
from servicekit.server import Context


class ChatServicer(chat_pb2_grpc.ChatServiceServicer):
    """Serves `daegu.chat.v1.ChatService`."""

    def __init__(self, turns: Turns, claude: Claude, models: ModelFile, default_model: str) -> None:
        self._turns = turns
        self._claude = claude
        self._models = models
        self._default_model = default_model

    async def SendMessage(
        self, request: pb.SendMessageRequest, context: Context
    ) -> AsyncIterator[pb.SendMessageResponse]:
        """Answers a question as a stream of events. The run continues even if the caller disconnects."""
        api_key = api_key_from(context.invocation_metadata())
        turn = self._turns.begin(question_from_proto(request, api_key), api_key)
        del api_key  # only the turn has it, while it runs
        async for place, event in turn.events():
            yield event_to_proto(event, place)

    async def WatchAnswer(
        self, request: pb.WatchAnswerRequest, context: Context
    ) -> AsyncIterator[pb.WatchAnswerResponse]:
        """Streams the events of a question's run, from its beginning or from a place on."""
        question_id = str(parse_id(request.question_id, "question_id"))
        async for place, event in self._turns.watch(question_id, Place.parse(request.after)):
            yield pb.WatchAnswerResponse(event=None if event is None else event_to_proto(event, place))

    async def StopAnswer(self, request: pb.StopAnswerRequest, context: Context) -> pb.StopAnswerResponse:
        """Stops the run of a question."""
        end = await self._turns.stop(str(parse_id(request.question_id, "question_id")))
        return pb.StopAnswerResponse(end=event_to_proto(end))

    async def VerifyKey(self, request: pb.VerifyKeyRequest, context: Context) -> pb.VerifyKeyResponse:
        """Tells whether the provider accepts the key."""
        try:
            await self._claude.models(api_key_from(context.invocation_metadata()))
        except KeyInvalid:
            return pb.VerifyKeyResponse(state=pb.KEY_STATE_INVALID)
        except Refused as error:
            if error.reason == "API_KEY_MISSING":
                raise
            return pb.VerifyKeyResponse(state=pb.KEY_STATE_UNREACHABLE)
        return pb.VerifyKeyResponse(state=pb.KEY_STATE_VALID)

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        """Lists the models."""
        metadata = context.invocation_metadata()
        if has_api_key(metadata):
            available = await self._claude.models(api_key_from(metadata))
        else:
            available = [AvailableModel(model, known.name) for model, known in self._models.models.items()]
        return pb.ListModelsResponse(
            models=[self._model_to_proto(model) for model in available],
            default_model=self._default_model,
            prices_of=self._models.prices_of,
        )

    def _model_to_proto(self, model: AvailableModel) -> pb.Model:
        known = self._models.find(model.model)
        prices = {} if known is None else {"input_usd": known.input, "output_usd": known.output}
        return pb.Model(model=model.model, name=model.name, **prices)
