#pragma once

#include "../trace/trace.h"
#include "json.h"

namespace halyard::simulator {

/// A trace as the member of a report.
void write_trace(JsonWriter& json, const Trace& trace);

}  // namespace halyard::simulator
