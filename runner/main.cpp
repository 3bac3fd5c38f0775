#include "cli/command.hpp"

int main(int argc, char** argv) {
    return dibs::cli::main(argc, argv);
}
