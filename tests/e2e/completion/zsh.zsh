# What zsh offers for a line that is typed up to the cursor: types it and TAB into a zsh on a pseudo-terminal, whose
# compadd also writes down what it is given.
# usage: zsh -f zsh.zsh SCRIPT LINE
zmodload zsh/zpty
offered=$(mktemp)
inner=$(mktemp)
cat >$inner <<END
autoload -Uz compinit
compinit -u -D
source ${(q)1}
compadd() {
    local -a matches
    [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] || {
        builtin compadd -A matches "\$@"
        print -lr -- \$matches >>$offered
    }
    builtin compadd "\$@"
}
comppostfuncs=(exit)
bindkey '^I' complete-word
END
{
    zpty shell zsh -f -i
    zpty -w shell "source $inner; print read''y"
    zpty -r shell said '*ready*' || exit 1
    zpty -n -w shell "$2"$'\t'
    while zpty -r shell said; do :; done
    cat $offered
} always {
    rm -f $offered $inner
}
