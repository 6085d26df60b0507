with titles as (
    select * from {{ ref('int_titles') }}
),

reference_works as (
    select * from {{ ref('opera_works') }}
),

reference_titles as (
    select
        work_id,
        alias as title
    from {{ ref('opera_work_aliases') }}
    union all
    select
        work_id,
        title
    from reference_works
    union all
    select
        work_id,
        title_en as title
    from reference_works
),

reference_keys as (
    select distinct
        reference_titles.work_id,
        reference_works.composer_id as composer_reference_id,
        {{ normalised('reference_titles.title') }} as title_key
    from reference_titles
    inner join reference_works on reference_titles.work_id = reference_works.work_id
    where reference_titles.title <> ''
),

-- The forms under which a title is looked up, the most literal first.
forms as (
    select
        titles.printed,
        form.title_key,
        min(form.form_rank) as form_rank
    from titles
    cross join
        lateral (
            values
            (titles.whole_key, 1),
            (titles.untagged_key, 2),
            (titles.inverted_key, 2),
            (titles.before_subtitle_key, 3)
        ) as form (title_key, form_rank)
    where form.title_key <> ''
    group by titles.printed, form.title_key
),

candidates as (
    select
        forms.printed,
        reference_keys.work_id,
        reference_keys.composer_reference_id,
        min(forms.form_rank) as form_rank
    from forms
    inner join reference_keys on forms.title_key = reference_keys.title_key
    group by forms.printed, reference_keys.work_id, reference_keys.composer_reference_id
    union all
    select
        forms.printed,
        reference_keys.work_id,
        reference_keys.composer_reference_id,
        3 + min(forms.form_rank) as form_rank
    from forms
    inner join reference_keys
        on {{ without_article('forms.title_key') }} = {{ without_article('reference_keys.title_key') }}
    group by forms.printed, reference_keys.work_id, reference_keys.composer_reference_id
),

nearest as (
    select
        printed,
        work_id,
        composer_reference_id,
        min(form_rank) as form_rank
    from candidates
    group by printed, work_id, composer_reference_id
)

select * from nearest
