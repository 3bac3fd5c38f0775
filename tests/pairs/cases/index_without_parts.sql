create table ledger(day date primary key);
-- becomes
create table ledger(day date not null, no int not null) partition by range (day);
create table ledger_1 partition of ledger for values from ('2020-01-01') to ('2021-01-01');
create table ledger_2 partition of ledger for values from ('2021-01-01') to ('2022-01-01') partition by range (no);
create table ledger_2_a partition of ledger_2 for values from (1) to (9);
alter table only ledger add constraint ledger_no unique (day, no);
create unique index ledger_1_no on ledger_1(day, no);
create index ledger_day on only ledger(day);
create index ledger_2_day on only ledger_2(day);
alter index ledger_day attach partition ledger_2_day;
