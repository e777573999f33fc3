//! `gatewatch simulate`

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, IsTerminal as _, Read, Write as _};
use std::path::Path;

use anyhow::Context as _;
use gatewatch::run::simulate::{Simulator, Worth};

use super::common::{CLEAN, FINDINGS, INCOMPLETE, Stop, USAGE};
use super::progress::Steps;
use crate::cli::output::note;

/// After so many bytes of cases, the bar moves.
const STEP: u64 = 1 << 14;

/// Answers every line. A line that cannot be answered is answered by an error, and the next one is read; the exit status
/// then says that there was a mistake, that something could not be decided, or that an answer is not the expected one.
pub(super) fn run(cases: Option<&Path>) -> Result<u8, Stop> {
    let mut steps = None;
    let input: Box<dyn Read> = match cases {
        Some(path) if path != Path::new("-") => {
            let file = File::open(path);
            let file = file.with_context(|| format!("{} cannot be read", path.display()))?;
            // Where the answers go to a terminal, they show how far it is.
            let size = file.metadata().ok().filter(|it| it.is_file());
            let size = size.filter(|_| !std::io::stdout().is_terminal());
            steps = size.map(|it| Steps::new(it.len()));
            Box::new(file)
        }
        _ => Box::new(std::io::stdin().lock()),
    };
    let (mut bytes, mut shown) = (0, 0);
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut simulator = Simulator::default();
    let mut line = Vec::new();
    let mut tally = Tally::default();
    loop {
        line.clear();
        let read = input.read_until(b'\n', &mut line);
        let read = read.context("the cases cannot be read")?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        if let Some(steps) = &steps
            && bytes >= shown + STEP
        {
            shown = bytes;
            steps.see(bytes, "bytes of cases");
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (answer, worth) = simulator.answer(&line);
        tally.add(worth);
        let mut written = writeln!(output, "{answer}");
        // Whoever asks one by one gets each answer before the next question.
        if written.is_ok() && input.buffer().is_empty() {
            written = output.flush();
        }
        if gone(written)? {
            return Ok(CLEAN);
        }
    }
    gone(output.flush())?;
    drop(steps);
    tally.say();
    Ok(tally.status())
}

/// How many lines were not answered as they should be.
#[derive(Debug, Default)]
struct Tally {
    refused: usize,
    undecided: usize,
    unexpected: usize,
}

impl Tally {
    fn add(&mut self, worth: Worth) {
        match worth {
            Worth::Decided => {}
            Worth::Refused => self.refused += 1,
            Worth::Undecided => self.undecided += 1,
            Worth::Unexpected => self.unexpected += 1,
        }
    }

    fn say(&self) {
        let Tally {
            refused,
            undecided,
            unexpected,
        } = self;
        if *refused > 0 {
            note(format_args!(
                "{refused} line(s) could not be answered: see their `error`"
            ));
        }
        if *undecided > 0 {
            note(format_args!(
                "{undecided} line(s) are UNDECIDED, which is not NONE: to decide them takes more work than the \
                 bound allows"
            ));
        }
        if *unexpected > 0 {
            note(format_args!(
                "{unexpected} line(s) are not answered as they expect: see their `expected`"
            ));
        }
    }

    /// A mistake comes before what is not decided, and that before an answer that differs.
    fn status(&self) -> u8 {
        match self {
            Tally { refused: 1.., .. } => USAGE,
            Tally { undecided: 1.., .. } => INCOMPLETE,
            Tally {
                unexpected: 1.., ..
            } => FINDINGS,
            _ => CLEAN,
        }
    }
}

/// A reader that has gone away, such as `head`, is no mistake.
fn gone(written: std::io::Result<()>) -> Result<bool, Stop> {
    match written {
        Ok(()) => Ok(false),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(true),
        Err(error) => Err(Stop::Incomplete(
            anyhow::Error::new(error).context("the answers cannot be written"),
        )),
    }
}
