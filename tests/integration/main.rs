//! The integration tests, in one binary: linking the SDK crates once is slow enough.

mod cli;
mod emulator;
mod lambda;
mod message;
mod scenarios;
mod support;
mod walls;
mod wire;
