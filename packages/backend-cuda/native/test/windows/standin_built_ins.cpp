// NVRTC's built-in functions, which nobody calls here.
extern "C" __declspec(dllexport) int built_in_function() { return 0; }
