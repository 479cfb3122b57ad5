"""The table of qBraid's routes; of two that fit a path, the first counts."""

from qjob.model.key import Scope
from qjob.server.qbraid import account, devices, groups, jobs, results, submitting
from qjob.server.qbraid.account import BalanceAnswer, ContextAnswer, WhoAnswer
from qjob.server.qbraid.answers import (
    DeletedAnswer,
    DoneAnswer,
    JobAnswer,
    JobsAnswer,
    ProgramAnswer,
    ResultAnswer,
    StatusesAnswer,
)
from qjob.server.qbraid.bodies import (
    BalanceQuery,
    DeleteQuery,
    DevicesQuery,
    EstimateQuery,
    GroupBody,
    GroupJobsQuery,
    GroupsQuery,
    JobBody,
    JobsQuery,
)
from qjob.server.qbraid.devices import DeviceAnswer, DevicesAnswer, EstimateAnswer, ProvidersAnswer
from qjob.server.qbraid.errors import ErrorBody, error_body
from qjob.server.qbraid.groups import GoneAnswer, GroupAnswer, GroupsAnswer
from qjob.server.routes import Dialect, Route

SUBMIT = Scope.SUBMIT

ACCOUNT = (
    Route("GET", "users/verify", account.verify, "Whose key this is.", {200: WhoAnswer}),
    Route("GET", "users/context", account.context, "The user and the team that pays.", {200: ContextAnswer}),
    Route(
        "GET",
        "billing/credits/balance",
        account.balance,
        "What the team may still spend, in credits.",
        {200: BalanceAnswer},
        query=BalanceQuery,
        errors=(404,),
    ),
    Route(
        "POST",
        "access-tokens/refresh",
        account.refresh,
        "Refused: there are no access tokens here.",
        {},
        errors=(400,),
    ),
)

DEVICES = (
    Route("GET", "devices", devices.devices, "The devices.", {200: DevicesAnswer}, query=DevicesQuery),
    Route(
        "GET",
        "devices/{qrn}/calibrations",
        devices.calibrations,
        "Refused: no calibrations of single qubits are kept.",
        {},
        errors=(404,),
    ),
    Route("GET", "devices/{qrn}", devices.device, "A device.", {200: DeviceAnswer}, errors=(404,)),
    Route("GET", "providers", devices.providers, "Who has devices.", {200: ProvidersAnswer}),
)

GROUPS = (
    Route(
        "POST",
        "jobs/group",
        groups.create_group,
        "Make a group of jobs.",
        {201: GroupAnswer},
        scope=SUBMIT,
        body=GroupBody,
        gives=("jobs/group/{group}", "/data/groupJobQrn"),
    ),
    Route("GET", "jobs/group", groups.groups, "The team's groups.", {200: GroupsAnswer}, query=GroupsQuery),
    Route(
        "GET",
        "jobs/group/{group}/jobs",
        groups.group_jobs,
        "The jobs of a group.",
        {200: JobsAnswer},
        query=GroupJobsQuery,
        errors=(404,),
    ),
    Route(
        "POST",
        "jobs/group/{group}/close",
        groups.close_group,
        "Let a group take no more jobs.",
        {200: GroupAnswer},
        scope=SUBMIT,
        errors=(403, 404),
    ),
    Route(
        "POST",
        "jobs/group/{group}/cancel",
        groups.cancel_group,
        "Close a group and ask for its jobs to end.",
        {200: GroupAnswer},
        scope=SUBMIT,
        errors=(403, 404, 409),
    ),
    Route("GET", "jobs/group/{group}", groups.group, "A group.", {200: GroupAnswer}, errors=(404,)),
    Route(
        "DELETE",
        "jobs/group/{group}",
        groups.delete_group,
        "Forget a group whose jobs have ended; they stay.",
        {200: GoneAnswer},
        scope=SUBMIT,
        errors=(403, 404, 409),
    ),
)

JOBS = (
    Route(
        "GET",
        "jobs/statuses",
        jobs.statuses,
        "What jobs can be asked for by.",
        {200: StatusesAnswer},
    ),
    Route(
        "GET",
        "jobs/cost-estimate",
        devices.estimate,
        "What so many shots on a device cost, where that does not depend on the circuit.",
        {200: EstimateAnswer},
        query=EstimateQuery,
        errors=(404,),
    ),
    Route(
        "POST",
        "jobs",
        submitting.create_job,
        "Submit a program, or a list of them as one job. It may cost money: the call is the consent.",
        {201: JobAnswer},
        scope=SUBMIT,
        body=JobBody,
        slow=True,
        errors=(402, 404, 409, 424),
        headers={"Idempotency-Key": "The same request under the same key is one job; kept for 7 days."},
        gives=("jobs/{qrn}", "/jobQrn"),
    ),
    Route("GET", "jobs", jobs.jobs, "The team's jobs, the newest first.", {200: JobsAnswer}, query=JobsQuery),
    Route(
        "DELETE",
        "jobs",
        jobs.delete_jobs,
        "Delete programs and results of ended jobs: all of them or none.",
        {200: DeletedAnswer},
        scope=SUBMIT,
        query=DeleteQuery,
        errors=(403, 404, 409),
    ),
    Route(
        "GET",
        "jobs/{qrn}/result",
        results.result,
        "The counts of a completed job, or of each circuit of a batch.",
        {200: ResultAnswer},
        errors=(404, 409),
    ),
    Route(
        "GET",
        "jobs/{qrn}/program",
        results.program,
        "The program as it was submitted.",
        {200: ProgramAnswer},
        errors=(404, 409),
    ),
    Route(
        "GET",
        "jobs/{qrn}/compiled-program",
        results.compiled_program,
        "The program that the device was given in the end.",
        {200: ProgramAnswer},
        errors=(404,),
    ),
    Route(
        "POST",
        "jobs/{qrn}/cancel",
        jobs.cancel_job,
        "Ask for a job to end.",
        {202: DoneAnswer},
        scope=SUBMIT,
        errors=(404, 409),
    ),
    Route("GET", "jobs/{qrn}", jobs.job, "A job or a batch.", {200: JobAnswer}, errors=(404,)),
    Route(
        "DELETE",
        "jobs/{qrn}",
        jobs.delete_job,
        "Delete the program and the result of an ended job.",
        {200: DeletedAnswer},
        scope=SUBMIT,
        errors=(403, 404, 409),
    ),
)

QBRAID = Dialect("qBraid", "qjob/qbraid/api/v1", (*ACCOUNT, *DEVICES, *GROUPS, *JOBS), error_body, ErrorBody)
