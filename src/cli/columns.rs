//! The flags that choose quasi-identifiers and what is demanded of them.

use clap::Args;

use super::complaint::Complaint;
use crate::engine::{ChosenColumns, glob_set};
use crate::facts::patients::Columns;
use crate::policy::Config;

/// Which columns single people out, and how many must share them.
#[derive(Debug, Args)]
pub(super) struct ColumnArguments {
    /// Columns of tables that single people out together, by name or kind: `dob,zip3,sex,race`; instead of what
    /// bedrail.toml says about tables [default: date of birth, ZIP code and sex]
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', num_args = 1)]
    quasi_identifiers: Vec<String>,
    /// Columns that nobody should learn of a person, of which each group must have different values: `diagnosis`
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', num_args = 1)]
    sensitive: Vec<String>,
    /// How many people must share their quasi-identifiers (k-anonymity) [default: 11, if one of these flags is given]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    k: Option<u64>,
    /// How many different sensitive values they must have (l-diversity) [default: 2, with --sensitive]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=Columns::MOST_DIFFERENT))]
    l: Option<u64>,
}

impl ColumnArguments {
    /// The choice that the flags make; nothing without flags.
    fn columns(&self) -> Result<Option<Columns>, Complaint> {
        let named = |names: &[String]| names.iter().map(|name| name.trim().to_owned()).collect::<Vec<_>>();
        let columns =
            Columns { quasi: named(&self.quasi_identifiers), sensitive: named(&self.sensitive), k: self.k, l: self.l };
        for (flag, names) in [("--quasi-identifiers", &columns.quasi), ("--sensitive", &columns.sensitive)] {
            if names.len() > Columns::MOST {
                return Err(Complaint::usage(format!("{flag} takes {} columns at most", Columns::MOST), None));
            }
            if names.iter().any(String::is_empty) {
                return Err(Complaint::usage(format!("{flag} names a column without a name"), None));
            }
        }
        let all: Vec<&String> = columns.quasi.iter().chain(&columns.sensitive).collect();
        if let Some(twice) = all.iter().enumerate().find(|(at, name)| all[..*at].contains(name)) {
            return Err(Complaint::usage(
                format!("the column `{}` is named twice", crate::text::visible(twice.1)),
                None,
            ));
        }
        Ok((columns != Columns::default()).then_some(columns))
    }

    /// What the flags choose for every table; else what the configuration chooses for some.
    pub(super) fn chosen(&self, config: &Config) -> Result<Vec<ChosenColumns>, Complaint> {
        if let Some(columns) = self.columns()? {
            return Ok(vec![ChosenColumns { files: None, columns }]);
        }
        let chosen = config.phi.table.iter().map(|table| {
            let files = glob_set(&table.files).map_err(|(_, message)| Complaint::usage(message, None))?;
            Ok(ChosenColumns { files: Some(files), columns: table.columns() })
        });
        chosen.collect()
    }
}
