message(FATAL_ERROR "Packages are made of a release build, and this build is none. `./dev package` does all of it; "
                    "or configure with `cmake --preset release`.")
