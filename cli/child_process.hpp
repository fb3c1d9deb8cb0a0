#pragma once
// This program, run anew as a process of its own.

#include <string>
#include <vector>

namespace prodigest::cli {

/// "prodigest sketch a.csv ...", as a person would type it into a shell.
std::string command_line(const std::vector<std::string>& arguments);

/// Runs this program with the arguments and waits for its end. It shares the working folder and
/// stderr, and stdout if `show`; else what it prints there is dropped.
/// @throws Error{kIo} if it cannot be started or fails, Error{kCancelled} if Ctrl-C ended it
void run_alone(const std::vector<std::string>& arguments, bool show);

}  // namespace prodigest::cli
