#include "migration/index_progress.hpp"

using dibs::migration::described;
using dibs::migration::IndexPhase;

TEST_CASE("how far an index is says what its phase counts") {
    IndexPhase phase;
    phase.phase = "building index: scanning table";
    CHECK(described(phase) == "building index: scanning table");
    phase.blocks_total = 200;
    phase.blocks_done = 85;
    CHECK(described(phase) == "building index: scanning table, 42 %");
    phase.phase = "building index: loading tuples in tree";
    phase.tuples_total = 1000;
    phase.tuples_done = 1010; // an estimate
    CHECK(described(phase) == "building index: loading tuples in tree, 100 %");
    phase = {};
    phase.phase = "waiting for old snapshots";
    phase.lockers_total = 3;
    phase.lockers_done = 1;
    phase.blocks_total = 200;
    CHECK(described(phase) == "waiting for old snapshots, 1 of 3");
    phase.lockers_total = 0;
    phase.blocks_total = 0;
    CHECK(described(phase) == "waiting for old snapshots");
}
