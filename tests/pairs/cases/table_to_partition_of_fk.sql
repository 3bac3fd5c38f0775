create table r(id int primary key);
create table p(id int, r int references r, primary key(id)) partition by hash(id);
create table p0 partition of p for values with (modulus 2, remainder 0);
create table p1 partition of p for values with (modulus 2, remainder 1);
create table x(pid int references p);
-- becomes
create table r(id bigint primary key);
create table p(id int, r bigint references r on delete cascade, k int, primary key(id), unique(id, k)) partition by hash(id);
create table p0 partition of p for values with (modulus 2, remainder 0);
create table p1 partition of p for values with (modulus 2, remainder 1);
create table x(pid int, k int, foreign key (pid, k) references p(id,k));
