//! How fast Postbag is and what it needs, as one table of ratios that are taken in the same run.
//!
//! ```text
//! cargo bench -p postbag-tests                      everything (about twenty minutes)
//! cargo bench -p postbag-tests -- tally submit      the rows whose names begin so
//! cargo bench -p postbag-tests -- sqlite            on one database
//! cargo bench -p postbag-tests -- quick             shorter windows, and a tenth of the stored rows
//! ```
//!
//! Everything runs on SQLite, and on PostgreSQL where `TEST_DATABASE_URL` names one. The server, its yardstick and the load share
//! the machine, which is never quiet: so both sides of a ratio are measured in turns, and the medians count. Nothing is asserted.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench fails by panicking, prints, and reads the clock"
)]

mod bare;
mod country;
mod fill;
mod onspd;
mod pair;
mod pgbench;
mod plan;
mod pump;
mod rig;
mod rows;
mod scratch;
mod table;

use plan::Plan;
use table::Table;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, bytes, json] = args.as_slice()
        && flag == bare::FLAG
    {
        return bare::serve(bytes, json);
    }
    let plan = Plan::of(&args);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut table = Table::default();
    runtime.block_on(rows::run(&plan, &mut table));
    println!("\n{table}");
}
