//! Files laid over a saved inventory of the account that they will be deployed to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::asked::{Asked, Unclear};
use super::error::{FilesError, Refused};
use super::{Beside, read};
use crate::audit::difference::NotComparable;
use crate::audit::overlay::Projection;
use crate::inventory::{Inventory, partition_of};
use crate::policy_file::PolicyFile;
use crate::run::scan::day;
use crate::template::{self, Around, Options, Translated};

/// What files are laid over.
#[derive(Debug)]
pub struct Over {
    /// The account as it was read, and what the user says of it.
    pub around: Around,
    /// The earlier version of the only file, with its text. `None`: it is not known.
    pub was: Option<(PathBuf, String)>,
}

/// What files change of an account.
#[derive(Debug)]
pub struct LaidOver {
    /// What changes.
    pub projection: Projection,
    /// What could not be understood.
    pub unclear: Vec<Unclear>,
}

/// Why files are not laid over an account.
#[derive(Debug, thiserror::Error)]
pub enum LaidOverError {
    /// They cannot be read.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The inventory is none of an account.
    #[error(transparent)]
    NotComparable(#[from] NotComparable),
    /// The inventory has several Regions, and none is given.
    #[error("the inventory has several Regions ({0}): give --region")]
    Region(String),
    /// The Region is in another partition.
    #[error("Region {region} is of partition {found}, and the inventory of {partition}")]
    Partition {
        /// The Region.
        region: String,
        /// Its partition.
        found: String,
        /// That of the inventory.
        partition: String,
    },
    /// The user names an API that no file has.
    #[error("--api {name}: no file has an API of this name; they have {have}")]
    Api {
        /// The name.
        name: String,
        /// Those that there are.
        have: String,
    },
    /// The user names an API that the account does not have.
    #[error("--api {name}={id}: the inventory has no API with this id")]
    Id {
        /// The name in the file.
        name: String,
        /// The id.
        id: String,
    },
    /// An earlier version is given for several files.
    #[error("--was is the earlier version of one file: name that file alone")]
    Was,
}

/// Reads the files for the account, lays them over it, and says what changes. `now` is when.
///
/// # Errors
/// Where a file or the call cannot be understood.
pub fn laid_over(
    paths: &[PathBuf],
    asked: &Asked,
    over: Over,
    policy: &PolicyFile,
    now: Timestamp,
) -> Result<LaidOver, LaidOverError> {
    let account = Arc::clone(&over.around.inventory);
    let hints = over.around.apis.clone();
    for (name, id) in &hints {
        if let Some(id) = id
            && !account.apis.iter().any(|it| it.id == *id)
        {
            let (name, id) = (name.clone(), id.clone());
            return Err(LaidOverError::Id { name, id });
        }
    }
    let asked = Asked {
        options: Options {
            around: Some(Arc::new(over.around)),
            ..in_region(&asked.options, &account)?
        },
        ..asked.clone()
    };
    let mut all = Vec::new();
    let (files, unclear) = read(paths, &asked, now, &mut |it| all.push(it))?;
    if let Some((path, text)) = over.was {
        let [file] = all.as_mut_slice() else {
            return Err(LaidOverError::Was);
        };
        file.earlier = Some(Box::new(earlier(&path, text, &asked, now)?));
    }
    let names = all.iter().flat_map(|it| &it.laid);
    let names: BTreeSet<String> = names.map(|it| it.name.clone()).collect();
    if let Some(name) = hints.into_keys().find(|it| !names.contains(it)) {
        let have = match names.is_empty() {
            true => "none".to_owned(),
            false => names.into_iter().collect::<Vec<_>>().join(", "),
        };
        return Err(LaidOverError::Api { name, have });
    }
    let read = (all, files);
    let projection = Projection::new(&account, read, policy, (day(now), now))?;
    Ok(LaidOver {
        projection,
        unclear,
    })
}

/// The Region of the deployment: the one that is given, or the only one of the inventory.
fn in_region(options: &Options, account: &Inventory) -> Result<Options, LaidOverError> {
    let regions = &account.scope.regions;
    let mut options = options.clone();
    if !options.region_is_known {
        let [only] = regions.as_slice() else {
            return Err(LaidOverError::Region(regions.join(", ")));
        };
        options.region.clone_from(only);
        options.region_is_known = true;
    }
    let found = partition_of(&options.region);
    if found != account.partition {
        return Err(LaidOverError::Partition {
            region: options.region,
            found: found.to_owned(),
            partition: account.partition.clone(),
        });
    }
    Ok(options)
}

/// The earlier version of a file. The parameters that it does not have are those of the later one.
fn earlier(
    path: &Path,
    text: String,
    asked: &Asked,
    now: Timestamp,
) -> Result<Translated, FilesError> {
    let file = path.display().to_string();
    let beside = Beside::of(path, asked.follow_outside);
    let mut options = asked.options.clone();
    let mut read = template::read_with(&file, &text, &options, &beside, now);
    if let Err(template::Problem::Parameters { names, .. }) = &read {
        let names = names.clone();
        options.parameters.retain(|name, _| !names.contains(name));
        read = template::read_with(&file, &text, &options, &beside, now);
    }
    match read {
        Ok(Some(read)) => Ok(read),
        Ok(None) => Err(FilesError::Inventory(file)),
        Err(problem) => Err(FilesError::Refused(vec![Refused {
            file,
            text,
            problem,
        }])),
    }
}
