create table t(id int primary key, email text constraint email_key unique, day date, constraint one exclude (day with =));
comment on index t_pkey is 'goes';
comment on index email_key is 'another';
comment on constraint email_key on t is 'of the key';
create table same(id int constraint old_name primary key);
comment on index old_name is 'moves along';
-- becomes
create table t(id int primary key, email text constraint email_key unique, day date, constraint one exclude (day with =));
comment on index email_key is 'it''s changed';
comment on constraint email_key on t is 'of the key';
comment on index one is 'new';
create table same(id int constraint new_name primary key);
comment on index new_name is 'it moved along';
create table new_one(id int primary key, a int, unique (a));
comment on index new_one_pkey is 'made with its table';
create table parted(id int primary key) partition by range (id);
create table part partition of parted default;
comment on index part_pkey is 'of a part';
comment on index parted_pkey is 'of the whole';
