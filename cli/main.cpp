// The prodigest command: parses the arguments, runs a subcommand, turns errors into exit codes.

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <new>
#include <system_error>

#include "commands.hpp"
#include "prodigest/base/error.hpp"
#include "prodigest/base/version.hpp"
#include "session.hpp"
#include "usage.hpp"

namespace {

using prodigest::ErrorCode;

// 0 fine, 1 bug, 2 usage or bad argument, 3 bad file, 4 incompatible digests, 5 I/O, 6 too uncertain.
int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return 2;
    case ErrorCode::kFormat:
    case ErrorCode::kUnsupported: return 3;
    case ErrorCode::kIncompatible: return 4;
    case ErrorCode::kIo: return 5;
    case ErrorCode::kCancelled: return 130;  // what a shell reports of Ctrl-C
  }
  return 1;
}

int complain(int code, const std::string& message) {
  fmt::print(stderr, "prodigest: {}\n", message);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Example: prodigest sketch sales.csv --key store -o sales.pdg\n\n"
      "Digest matrices alone, later get their products and regressions with an error bar from the digests.",
      "prodigest");
  app.set_version_flag("--version", std::string("prodigest ") + prodigest::kVersion);
  app.require_subcommand(1);
  app.formatter(prodigest::cli::help_layout());
  prodigest::cli::add_sketch(app);
  prodigest::cli::add_quantize(app);
  prodigest::cli::add_decode(app);
  prodigest::cli::add_merge(app);
  prodigest::cli::add_subtract(app);
  prodigest::cli::add_truncate(app);
  prodigest::cli::add_info(app);
  prodigest::cli::add_product(app);
  prodigest::cli::add_regress(app);
  prodigest::cli::add_compare(app);
  prodigest::cli::add_plan(app);
  prodigest::cli::add_attend(app);
  prodigest::cli::add_kernel(app);
  prodigest::cli::add_demo(app);
  prodigest::cli::install_interrupt_handler();

  try {
    app.parse(argc, argv);
    // A full disk behind a redirected stdout must not pass for success.
    if (std::fflush(stdout) != 0) return complain(5, "stdout: the result could not be written");
    return 0;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    return complain(2, prodigest::cli::usage_message(app, error));
  } catch (const prodigest::Error& error) {
    if (error.code() == ErrorCode::kCancelled) {  // dies of the signal, so that a loop in a shell ends too
      std::signal(SIGINT, SIG_DFL);
      std::raise(SIGINT);
    }
    return complain(exit_code(error.code()), error.what());
  } catch (const prodigest::cli::TooUncertain& error) {
    return complain(6, error.message);
  } catch (const std::system_error& error) {
    return complain(5, error.what());
  } catch (const std::bad_alloc&) {
    return complain(5, "out of memory (choose a smaller size or fewer columns)");
  } catch (const std::exception& error) {
    return complain(1, fmt::format("internal error, please report it: {}", error.what()));
  }
}
