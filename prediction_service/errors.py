"""Errors of the prediction service."""

from servicekit.errors import DomainError, Kind


class AccidentInvalid(DomainError):
    """Values of an accident cannot be used; the violations say which and how to fix them."""

    kind, reason = Kind.INVALID, "ACCIDENT_INVALID"


class TooManyAccidents(DomainError):
    """A call has more accidents than allowed."""

    kind, reason = Kind.INVALID, "TOO_MANY_ACCIDENTS"


class PredictionIdTaken(DomainError):
    """Another accident was predicted under this id before."""

    kind, reason = Kind.CONFLICT, "PREDICTION_ID_TAKEN"


class PredictionsBusy(DomainError):
    """Too many predictions are waiting to be stored."""

    kind, reason = Kind.BUSY, "PREDICTIONS_BUSY"


class PredictionFailed(DomainError):
    """The model failed on this accident; no other is affected."""

    kind, reason = Kind.BROKEN, "PREDICTION_FAILED"


class PredictionNotFound(DomainError):
    """No prediction has this id."""

    kind, reason = Kind.NOT_FOUND, "PREDICTION_NOT_FOUND"


class BatchNotFound(DomainError):
    """No batch has this id."""

    kind, reason = Kind.NOT_FOUND, "BATCH_NOT_FOUND"


class BatchEnded(DomainError):
    """The batch has ended already and cannot be cancelled."""

    kind, reason = Kind.CONFLICT, "BATCH_ENDED"


class BatchSizeInvalid(DomainError):
    """A batch holds no accident, or more than 20,000."""

    kind, reason = Kind.INVALID, "BATCH_SIZE_INVALID"


class TooManyBatches(DomainError):
    """The number of unfinished batches has reached its limit."""

    kind, reason = Kind.BUSY, "TOO_MANY_BATCHES"
