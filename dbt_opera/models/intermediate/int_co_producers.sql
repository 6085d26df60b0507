with co_producers as (
    select * from {{ ref('stg_co_producers') }}
    where is_latest and co_producer is not null
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

registry as (
    select * from {{ ref('companies') }}
),

crawled as (
    select * from {{ ref('int_crawled_companies') }}
),

known_names as (
    select
        {{ key('company', ['slug']) }} as company_id,
        {{ normalised('name') }} as name_key
    from registry
    union all
    select
        {{ key('company', ['slug']) }} as company_id,
        {{ normalised('native_name') }} as name_key
    from registry
    where native_name <> ''
    union all
    select
        company_id,
        {{ normalised('name') }} as name_key
    from crawled
    where name is not null
),

unique_names as (
    select
        name_key,
        min(company_id) as company_id
    from known_names
    group by name_key
    having count(distinct company_id) = 1
),

printed as (
    select
        mentions.mention_id,
        mentions.company_id as announcing_company_id,
        mentions.pick_rank,
        co_producers.extraction_id,
        co_producers.pointer,
        co_producers.co_producer as name,
        {{ normalised('co_producers.co_producer') }} as name_key
    from co_producers
    inner join mentions
        on co_producers.extraction_id = mentions.extraction_id and co_producers.parent_pointer = mentions.pointer
),

resolved as (
    select
        printed.mention_id,
        printed.announcing_company_id,
        printed.pick_rank,
        printed.extraction_id,
        printed.pointer,
        printed.name,
        printed.name_key,
        unique_names.company_id is not null as is_known,
        coalesce(unique_names.company_id, {{ key('company_name', ['printed.name_key']) }}) as company_id
    from printed
    left join unique_names on printed.name_key = unique_names.name_key
    where printed.name_key <> ''
)

select * from resolved
