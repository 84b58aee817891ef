"""What a computation produced: named arrays with documented shapes, no behaviour."""

from playground.record.anatomy import Anatomy, Variable, WorkedLine, WorkedRow
from playground.record.basins import BasinRecord
from playground.record.forms import FormsRecord
from playground.record.gradient_check import CheckRecord, CostRecord, OwnRecord
from playground.record.race import Dial, Loop, RaceRecord, Terrain
from playground.record.ranking import RankingRecord
from playground.record.studies import RobustnessRecord, SweepRecord
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
    "Anatomy",
    "BasinRecord",
    "Change",
    "CheckRecord",
    "ComparisonRecord",
    "CostRecord",
    "Dial",
    "End",
    "Event",
    "Filters",
    "Finding",
    "FormsRecord",
    "Loop",
    "OwnRecord",
    "Preparation",
    "Probe",
    "RaceRecord",
    "RankingRecord",
    "RobustnessRecord",
    "Samples",
    "Start",
    "SweepRecord",
    "Terrain",
    "Tick",
    "TrainingRecord",
    "Validation",
    "Variable",
    "WorkedLine",
    "WorkedRow",
]
