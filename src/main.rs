//! The program's entry: hands its arguments to the command line and exits with its code.

fn main() -> std::process::ExitCode {
    bedrail::cli::main(std::env::args_os())
}
