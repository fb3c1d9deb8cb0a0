#include "commands.hpp"
namespace prodigest::cli { void add_demo(CLI::App&) {} }
