#include "method_options.hpp"

#include <fmt/format.h>

#include "options.hpp"
#include "prodigest/base/error.hpp"

namespace prodigest::cli {

void MethodOptions::add_options(CLI::App& command, std::string method,
                                const std::string& size_help) {
  command_ = &command;
  method_ = std::move(method);
  command.add_option("-m,--method", method_, "How to digest")
      ->capture_default_str()
      ->type_name("SPEC");
  add_whole_number(command, "-k,--size", size_, size_help, Index{1});
  add_whole_number(command, "--seed", seed_, "The same on all sides of a product (default 0)");
}

void MethodOptions::add_short_form(const std::string& name, std::string front,
                                   const std::string& help) {
  short_form_ = name;
  const auto put = [this, front = std::move(front)](const std::string& value) {
    method_ = front + value;
  };
  command_->add_option_function<std::string>(name, put, help)->type_name("NAME");
}

digest::DigestSpec MethodOptions::spec() const {
  if (!short_form_.empty() && command_->count("--method") > 0 && command_->count(short_form_) > 0)
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {} and --method both name the method (leave one out)",
                            command_->get_name(), short_form_));
  // A size alone is that of the default method, in place of its own.
  const bool size_alone = size_ > 0 && command_->count("--method") == 0;
  std::string text = size_alone ? method_.substr(0, method_.find(":size=")) : method_;
  const auto put = [&](std::string_view key, std::uint64_t value) {
    if (text.find(fmt::format("{}=", key)) != std::string::npos)
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("{}: {} is given both in --method {} and as --{} (give it once)",
                              command_->get_name(), key, method_, key));
    text += fmt::format("{}{}={}", text.find(':') == std::string::npos ? ':' : ',', key, value);
  };
  if (size_ > 0) put("size", static_cast<std::uint64_t>(size_));
  if (command_->count("--seed") > 0) put("seed", seed_);
  return digest::parse_digest_spec(text);
}

}  // namespace prodigest::cli
