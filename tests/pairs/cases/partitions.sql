create table p(id int not null, d date not null, v text, primary key(id,d)) partition by range(d);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create table p2 partition of p for values from ('2021-01-01') to ('2022-01-01');
create index pi on p(v);
create table ref(id int, d date, foreign key(id,d) references p);
-- becomes
create table p(id bigint not null, d date not null, v varchar(20) not null default 'x', n int default 3, primary key(id,d), check (n > 0)) partition by range(d);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create table p3 partition of p for values from ('2022-01-01') to ('2023-01-01') partition by hash(id);
create table p3a partition of p3 for values with (modulus 1, remainder 0);
create table pd partition of p default;
create index pi on p(v, n);
create table p2(id bigint not null, d date not null, v text);
alter table p1 alter n set default 9;
create index only1 on p1(n);
create trigger t after insert on p for each row execute function suppress_redundant_updates_trigger();
create table ref(id bigint, d date, foreign key(id,d) references p);
