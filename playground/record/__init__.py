"""What a computation produced: named arrays with documented shapes, no behaviour."""

from playground.record.basins import BasinRecord
from playground.record.forms import FormsRecord
from playground.record.gradient_check import CheckRecord, CostRecord, OwnRecord
from playground.record.many_runs import RobustnessRecord, SweepRecord
from playground.record.race import RaceRecord, Terrain
from playground.record.ranking import RankingRecord
from playground.record.step_inspector import StepRecord, Variable, WorkedLine, WorkedRow
from playground.record.training import (
    BINS,
    Change,
    ComparisonRecord,
    End,
    Event,
    Filters,
    Finding,
    Preparation,
    Probe,
    Samples,
    Start,
    Tick,
    TrainingRecord,
    Validation,
)

__all__ = [
    "BINS",
    "BasinRecord",
    "Change",
    "CheckRecord",
    "ComparisonRecord",
    "CostRecord",
    "End",
    "Event",
    "Filters",
    "Finding",
    "FormsRecord",
    "OwnRecord",
    "Preparation",
    "Probe",
    "RaceRecord",
    "RankingRecord",
    "RobustnessRecord",
    "Samples",
    "Start",
    "StepRecord",
    "SweepRecord",
    "Terrain",
    "Tick",
    "TrainingRecord",
    "Validation",
    "Variable",
    "WorkedLine",
    "WorkedRow",
]
