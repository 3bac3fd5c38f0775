create function add(bigint, int) returns bigint language sql immutable as 'select $1 + coalesce($2, 0)';
create function half(bigint) returns bigint language sql immutable as 'select $1 / 2';
create aggregate total(int) (sfunc = add, stype = bigint, initcond = '0');
create aggregate stays(int) (sfunc = add, stype = bigint, finalfunc = half, finalfunc_modify = shareable);
create aggregate gone(*) (sfunc = int8inc, stype = bigint, initcond = '0');
create table sale(cents int);
create view sum as select total(cents) as cents from sale;
create materialized view many as select gone(*) from sale;
-- becomes
create schema stats;
create function add(bigint, int) returns bigint language sql immutable as 'select $1 + coalesce($2, 1)';
create function half(bigint) returns bigint language sql immutable as 'select $1 / 2';
create aggregate total(int) (sfunc = add, stype = bigint, sspace = 64, initcond = '7', finalfunc = half, combinefunc = int8pl,
    msfunc = add, minvfunc = add, mstype = bigint, mfinalfunc = half, minitcond = '1', parallel = safe);
create aggregate stays(int) (sfunc = add, stype = bigint, finalfunc = half, finalfunc_modify = shareable);
create aggregate stats."Least"(text) (sfunc = text_smaller, stype = text, sortop = operator(pg_catalog.<));
create aggregate stats.middle(double precision order by anyelement) (sfunc = ordered_set_transition, stype = internal,
    finalfunc = percentile_disc_final, finalfunc_extra);
comment on aggregate stats."Least"(text) is 'the first of the alphabet';
revoke all on function total(int) from public;
create table sale(cents int);
create view sum as select total(cents) as cents, stays(cents) as rest from sale;
