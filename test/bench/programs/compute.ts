import "../../../src/engine/save/compute/worker";
