"""The servers of a cluster: workers, which lend their machines to runs elsewhere, and the scheduler between them."""

from __future__ import annotations

from provenance.intake.worker import WorkerContext
from provenance.workflows.run import RunContext, describe_plugins


def lend_machine(context: RunContext, name: str | None = None) -> None:
    """Read for runs on other machines, until a signal comes or the scheduler of the settings is gone.

    Raises `ProvenanceError` when this machine cannot read, or when there is no scheduler (any more).
    """
    settings = context.settings
    from provenance.intake.engines.cluster_worker import MachineOptions, serve

    describe_plugins(context)
    store = context.load_trust_store()
    worker_context = WorkerContext(settings.limits, store, settings.plugins, context.gentleness)
    options = MachineOptions(settings.jobs, settings.mounts, name)
    serve(settings.cluster, worker_context, context.describe_reader(store), options, context.announce)


def run_scheduler(context: RunContext) -> None:
    """Bring runs and workers together at the address of the settings, until a signal comes."""
    from provenance.intake.engines.cluster_worker import schedule

    schedule(context.settings.cluster, context.announce)
